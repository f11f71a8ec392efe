"""The rules of this app, each as one sentence to the person at the screen."""
