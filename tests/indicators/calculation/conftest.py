from hypothesis import Phase, settings

# A busy machine is no fault of a pure function.
settings.register_profile("unhurried", deadline=None)
# The same figures for every mutant (`make mutants`): chance must neither kill nor save one. That a
# test fails is enough; how simply it could fail is nobody's question.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=30,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("unhurried")
