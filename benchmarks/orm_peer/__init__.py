# SPDX-License-Identifier: Apache-2.0
"""
The peer: the loyalty service a good Django developer would write in an afternoon, for contestants f and fr.

Nothing is done to make it slow: indexed look-ups, persistent connections, no unneeded middleware, one transaction with
``select_for_update``. Nothing is done that the ORM's documentation does not teach.
"""
