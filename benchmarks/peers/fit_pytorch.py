"""The notebook's recipe in PyTorch: a minimal loop on one thread, which is faster than two."""

import torch
from torch import nn

from benchmarks.peers.mnist import LEARNING_RATE, arguments, training_images

options = arguments()
torch.set_num_threads(1)
arrays = training_images(options.data)
images, classes = (torch.from_numpy(array) for array in arrays)
hidden: list[nn.Module] = [nn.Flatten(), nn.Linear(196, 16)]
if options.model == "cnn":
    hidden = [nn.Conv2d(1, 16, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(576, 16)]
network = nn.Sequential(*hidden, nn.ReLU(), nn.Linear(16, 5))
optimizer = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE)
criterion = nn.CrossEntropyLoss()
for _ in range(options.epochs):
    order = torch.randperm(len(images))
    for image, truth in zip(images[order].split(1), classes[order].split(1), strict=True):
        optimizer.zero_grad()
        criterion(network(image), truth).backward()
        optimizer.step()
torch.save(network.state_dict(), options.out)
