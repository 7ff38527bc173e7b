# SPDX-License-Identifier: Apache-2.0
from tests.api.conftest import api  # noqa: F401 - the same till as in tests/api
