"""The notebook's recipe in Keras, on the backend that KERAS_BACKEND names."""

import keras
from keras import layers

from benchmarks.peers.mnist import LEARNING_RATE, arguments, training_images

options = arguments()
images, classes = training_images(options.data)
hidden = [layers.Flatten()]
if options.model == "cnn":
    convolution = layers.Conv2D(16, 3, data_format="channels_first")
    pooling = layers.MaxPooling2D(2, data_format="channels_first")
    hidden = [convolution, pooling, layers.Flatten()]
network = keras.Sequential(
    [
        keras.Input((1, 14, 14)),
        *hidden,
        layers.Dense(16, activation="relu"),
        layers.Dense(5),
    ]
)
network.compile(
    optimizer=keras.optimizers.SGD(LEARNING_RATE),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
network.fit(images, classes, batch_size=1, epochs=options.epochs, verbose=0)
network.save_weights(options.out)
