"""YAML: read strictly with the place of every value, edited without touching a byte besides, written unambiguously."""
