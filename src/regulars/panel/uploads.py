# SPDX-License-Identifier: Apache-2.0
"""Forms that bring a large file: it goes to a temporary file of the disk, and one that is too large is not kept at all."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect

REST_BYTES_MAX = 65_536
"""What such a form holds beside its file."""

View = Callable[..., HttpResponseBase]


class BoundedUpload(TemporaryFileUploadHandler):
    """Keeps a file on the disk while it arrives, unless the request says that it is too large: then nothing is kept."""

    def __init__(self, request: HttpRequest, bytes_max: int) -> None:
        super().__init__(request)
        self._bytes_max = bytes_max
        self._is_refused = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Look at how much is announced before anything of it arrives."""
        self._is_refused = content_length > self._bytes_max + REST_BYTES_MAX
        if self._is_refused and self.request is not None:
            self.request.is_too_large = True  # type: ignore[attr-defined]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open the temporary file."""
        if not self._is_refused:
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Write what arrived."""
        return None if self._is_refused else super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        """Return the file."""
        return None if self._is_refused else super().file_complete(file_size)

    def upload_interrupted(self) -> None:
        """Let go of what had arrived."""
        if hasattr(self, "file"):
            super().upload_interrupted()


def takes_files(bytes_max: int) -> Callable[[View], View]:
    """
    Let a view take files of up to ``bytes_max``. Of a larger request the view gets ``request.is_too_large`` and no file; where
    even its other fields are too much, it is called as if nothing had been sent, for there is no form any more.
    """

    def decorated(view: View) -> View:
        guarded = csrf_protect(view)

        @csrf_exempt
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.is_too_large = False  # type: ignore[attr-defined]
            request.upload_handlers = [BoundedUpload(request, bytes_max)]
            try:
                request.POST  # noqa: B018 - it is read here
            except RequestDataTooBig:
                request.is_too_large = True  # type: ignore[attr-defined]
                request.method = "GET"
                request._post, request._files = QueryDict(), MultiValueDict()  # type: ignore[attr-defined]
            return guarded(request, *args, **kwargs)

        return wrapped

    return decorated
