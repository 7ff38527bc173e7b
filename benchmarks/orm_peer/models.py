# SPDX-License-Identifier: Apache-2.0
"""Accounts, their users and campaigns, customers with balances, and the sales."""

from __future__ import annotations

from django.db import models


class Account(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)


class ApiUser(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    code = models.CharField(max_length=20, unique=True)
    token_hash = models.CharField(max_length=64)
    """SHA-256 as hex."""
    is_active = models.BooleanField(default=True)


class Campaign(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    number = models.CharField(max_length=16)
    name = models.CharField(max_length=30)
    kind = models.CharField(max_length=8)
    points_per_unit = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="campaign_number_unique")]


class Reward(models.Model):
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="rewards")
    level = models.PositiveIntegerField()
    description = models.CharField(max_length=255)

    class Meta:
        ordering = ["level"]


class Customer(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    code = models.CharField(max_length=64)
    card_number = models.CharField(max_length=64)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    phone = models.CharField(max_length=40)
    email = models.EmailField()
    street = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    postal_code = models.CharField(max_length=20)
    country = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "code"], name="customer_code_unique")]


class Balance(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="balances")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    balance = models.BigIntegerField(default=0)
    cumulative = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "campaign"], name="balance_unique")]


class Entry(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    user = models.ForeignKey(ApiUser, on_delete=models.PROTECT)
    points = models.BigIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    description = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
