# Functions made at run time by pyarrow: Any on purpose.
from typing import Any

def __getattr__(name: str) -> Any: ...
