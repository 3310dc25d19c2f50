"""OpenCV in one thread, as in the service: its threads do not survive the fork of a decoder."""

import cv2

cv2.setNumThreads(1)
