# SPDX-License-Identifier: Apache-2.0
"""The reference of the API, made from the declarations that parse its calls (docs/adr/0017-the-reference.md)."""
