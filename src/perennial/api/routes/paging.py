"""How every list is paged."""

from typing import Annotated

from fastapi import Query

from perennial.api.schemas import Limit

PageLimit = Annotated[Limit, Query(description="Rows of a page.")]
After = Annotated[str | None, Query(description="The cursor that the page before gave as `next`.")]
