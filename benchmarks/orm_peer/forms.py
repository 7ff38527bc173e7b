# SPDX-License-Identifier: Apache-2.0
"""What the peer's calls take."""

from __future__ import annotations

from decimal import Decimal

from django import forms


class InfoForm(forms.Form):
    account_id = forms.CharField(max_length=20)
    user_id = forms.CharField(max_length=20)
    user_api_key = forms.CharField(max_length=64)
    code = forms.CharField(max_length=64)


class SaleForm(InfoForm):
    campaign_id = forms.CharField(max_length=16)
    amount = forms.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal("0.01"))
    authorization = forms.CharField(max_length=255, required=False)
