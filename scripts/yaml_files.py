"""YAML files of the project's own tools, read into pydantic models."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(file: Path, model: type[Model], error: type[Exception]) -> Model:
    """Read a file.

    Raises
    ------
    Exception
        ``error``, with everything that is wrong with the file, at once.
    """
    try:
        return model.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as exc:
        raise error(f"{file}: {exc.strerror}") from exc
    except yaml.YAMLError as exc:
        raise error(f"{file} is no YAML: {' '.join(str(exc).split())}") from exc
    except ValidationError as exc:
        wrong = "\n".join(
            f"  {'.'.join(map(str, problem['loc'])) or 'the whole'}: {problem['msg']}"
            for problem in exc.errors(include_url=False)
        )
        raise error(f"{file}: {exc.error_count()} wrong:\n{wrong}") from exc
