"""Where checkpoints go: each kind of anchor, real servers on loopback, hostile ones too."""
