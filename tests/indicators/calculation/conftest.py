from hypothesis import settings

# A busy machine is no fault of a pure function.
settings.register_profile("unhurried", deadline=None)
# The same figures for every mutant (`make mutants`): chance must neither kill nor save one.
settings.register_profile(
    "mutants", deadline=None, derandomize=True, database=None, max_examples=30
)
settings.load_profile("unhurried")
