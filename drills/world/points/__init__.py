"""Every point at which a scripted scenario can be killed."""
