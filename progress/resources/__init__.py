"""What evaluators take away: the columns of figures and of results, one definition each."""

from .columns import StreamedResource, rounded
from .figures import FigureResource
from .results import ResultResource

__all__ = ["FigureResource", "ResultResource", "StreamedResource", "rounded"]
