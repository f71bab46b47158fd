"""The networks of `benchmarks.training` as a PyTorch user would write them."""

import itertools
from typing import Any

import torch
from torch import nn

PIXELS = 28 * 28


class Recurrent(nn.Module):
    """Rows of an image through an LSTM to a code, and back in reverse order."""

    def __init__(self, units: int, latent_dim: int, features: int = 28, steps: int = 28):
        super().__init__()
        self.steps = steps
        self.reader = nn.LSTM(features, units, batch_first=True)
        self.code = nn.Linear(units, latent_dim)
        self.writer = nn.LSTM(latent_dim, units, batch_first=True)
        self.output = nn.Linear(units, features)
        # PyTorch's LSTM has two biases, which are added up; Keras's has one.
        for lstm in (self.reader, self.writer):
            nn.init.zeros_(lstm.bias_hh_l0).requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, (hidden, _) = self.reader(x)
        code = self.code(hidden[-1])
        outputs, _ = self.writer(code[:, None].expand(-1, self.steps, -1))
        return torch.sigmoid(self.output(outputs)).flip(1)


class Variational(nn.Module):
    """A VAE of one hidden layer; returns reconstructions and the mean KL in nats."""

    def __init__(self, hidden: int, latent_dim: int):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent_dim)
        self.log_variance = nn.Linear(hidden, latent_dim)
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, hidden), nn.ReLU(), nn.Linear(hidden, PIXELS), nn.Sigmoid()
        )

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.encoder(x)
        mean, log_variance = self.mean(features), self.log_variance(features)
        code = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
        return self.decoder(code).reshape(x.shape), divergence.sum(1).mean()


def build(network: str, arguments: dict[str, Any]) -> nn.Module:
    """Return a network by the arguments of the zoo's builder of that name."""
    latent_dim = arguments["latent_dim"]
    if network == "lstm":
        return Recurrent(arguments["units"], latent_dim)
    if network == "vae":
        return Variational(*arguments["hidden"], latent_dim)
    if network == "conv":
        first, second = arguments["filters"]
        return nn.Sequential(
            nn.Conv2d(1, first, 3, 2, padding=1),
            nn.ReLU(),
            nn.Conv2d(first, second, 3, 2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(49 * second, latent_dim),
            nn.Linear(latent_dim, 49 * second),
            nn.ReLU(),
            nn.Unflatten(1, (second, 7, 7)),
            nn.ConvTranspose2d(second, first, 3, 2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(first, 1, 3, 2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )
    widths = [PIXELS, *arguments["hidden"], latent_dim]
    widths += widths[-2::-1]
    layers: list[nn.Module] = [nn.Flatten()]
    for i, (before, after) in enumerate(itertools.pairwise(widths)):
        layers.append(nn.Linear(before, after))
        if i == len(widths) - 2:
            layers.append(nn.Sigmoid())
        elif i != len(arguments["hidden"]):
            layers.append(nn.Tanh())
    return nn.Sequential(*layers, nn.Unflatten(1, (28, 28, 1)))
