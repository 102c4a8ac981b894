from hypothesis import settings

# A busy machine is no fault of a pure function.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
