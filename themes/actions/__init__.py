"""How objectives are carried out: programmes, projects and targeted initiatives."""
