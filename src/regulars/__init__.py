# SPDX-License-Identifier: Apache-2.0
"""Regulars: the loyalty platform that shops, malls and resellers run themselves."""

__version__ = "0.1.0"
