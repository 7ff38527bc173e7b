# SPDX-License-Identifier: Apache-2.0
"""`make bench`: Regulars beside its rivals on one machine, in one run (benchmarks/README.md)."""
