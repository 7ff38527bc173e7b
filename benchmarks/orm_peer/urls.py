# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from django.urls import path

from benchmarks.orm_peer.views import api

urlpatterns = [path("api.php", api)]
