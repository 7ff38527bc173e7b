# SPDX-License-Identifier: Apache-2.0
"""The pages about campaigns: urls.py takes them in."""

from __future__ import annotations

from django.urls import path

from regulars.panel.views import calculator, campaign, campaign_parts, campaigns

TOP = "admin.php/campaigns"
ONE = f"{TOP}/<slug:number>"

urlpatterns = [
    path(TOP, campaigns.campaign_list, name="campaigns"),
    path(f"{TOP}/new", campaigns.choose_kind, name="choose_kind"),
    path(f"{TOP}/new/<slug:kind>", campaigns.new_campaign, name="new_campaign"),
    path(f"{TOP}/examples", campaigns.terms_examples, name="campaign_examples"),
    path(ONE, campaign.campaign_page, name="campaign"),
    path(f"{ONE}/settings", campaign.campaign_settings, name="campaign_settings"),
    path(f"{ONE}/calculator", calculator.calculator_page, name="points_calculator"),
    path(f"{ONE}/hold", campaign.hold_campaign, name="hold_campaign"),
    path(f"{ONE}/reactivate", campaign.reactivate_campaign, name="reactivate_campaign"),
    path(f"{ONE}/delete", campaign.delete_campaign, name="delete_campaign"),
    path(f"{ONE}/rewards/add", campaign_parts.add_reward, name="add_reward"),
    path(f"{ONE}/rewards/<int:part_id>", campaign_parts.edit_reward, name="edit_reward"),
    path(f"{ONE}/rewards/<int:part_id>/delete", campaign_parts.delete_reward, name="delete_reward"),
    path(f"{ONE}/rewards/<int:part_id>/restore", campaign_parts.restore_reward, name="restore_reward"),
    path(f"{ONE}/promotions/add", campaign_parts.add_promotion, name="add_promotion"),
    path(f"{ONE}/promotions/examples", campaign_parts.promotion_examples, name="promotion_examples"),
    path(f"{ONE}/promotions/<int:part_id>", campaign_parts.edit_promotion, name="edit_promotion"),
    path(f"{ONE}/promotions/<int:part_id>/delete", campaign_parts.delete_promotion, name="delete_promotion"),
    path(f"{ONE}/promotions/<int:part_id>/restore", campaign_parts.restore_promotion, name="restore_promotion"),
    path(f"{ONE}/items/add", campaign_parts.add_item, name="add_item"),
    path(f"{ONE}/items/<int:part_id>", campaign_parts.edit_item, name="edit_item"),
    path(f"{ONE}/items/<int:part_id>/delete", campaign_parts.delete_item, name="delete_item"),
    path(f"{ONE}/items/<int:part_id>/restore", campaign_parts.restore_item, name="restore_item"),
    path(f"{ONE}/expiry/add", campaign_parts.add_depreciation, name="add_depreciation"),
    path(f"{ONE}/expiry/<int:part_id>", campaign_parts.edit_depreciation, name="edit_depreciation"),
    path(f"{ONE}/expiry/<int:part_id>/timeline", campaign_parts.depreciation_timeline, name="depreciation_timeline"),
    path(f"{ONE}/expiry/<int:part_id>/delete", campaign_parts.delete_depreciation, name="delete_depreciation"),
    path(f"{ONE}/fees/add", campaign_parts.add_fee, name="add_fee"),
    path(f"{ONE}/fees/<int:part_id>", campaign_parts.edit_fee, name="edit_fee"),
    path(f"{ONE}/fees/<int:part_id>/timeline", campaign_parts.fee_timeline, name="fee_timeline"),
    path(f"{ONE}/fees/<int:part_id>/delete", campaign_parts.delete_fee, name="delete_fee"),
]
