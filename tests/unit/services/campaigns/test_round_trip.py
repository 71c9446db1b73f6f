"""What is written from a campaign reads back as the same campaign, whatever it holds."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.unit.services.campaigns.generated import campaigns
from wenhou.core.campaigns import Campaign
from wenhou.services.campaign_files import campaign_from_document, read_campaigns
from wenhou.services.campaign_writing import campaign_document, digest_of, write_campaign
from wenhou.services.campaigns import bundled_campaigns
from wenhou.services.yaml_reading import load_documents, plain

EXAMPLES = Path(__file__).parents[4] / "docs" / "examples"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(campaigns())
def test_a_campaign_written_as_yaml_reads_back_the_same(campaign: Campaign) -> None:
    (document,) = load_documents(write_campaign(campaign), "written.yaml")
    assert campaign_from_document(document, campaign.key) == campaign


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(campaigns())
def test_a_campaign_kept_as_json_reads_back_the_same(campaign: Campaign) -> None:
    kept = json.loads(json.dumps(plain(campaign_document(campaign)), default=str))
    assert campaign_from_document(kept, campaign.key) == campaign


def test_every_bundled_campaign_and_example_survives_the_round_trip() -> None:
    documents = bundled_campaigns()
    for file in sorted(EXAMPLES.glob("campaign*.yaml")):
        documents += read_campaigns(file.read_text(encoding="utf-8"), file.name)
    assert len(documents) > 4
    for document in documents:
        (again,) = read_campaigns(write_campaign(document.campaign), "again.yaml")
        assert again.campaign == document.campaign
        (own,) = read_campaigns(document.source, "own.yaml")
        assert own.campaign == document.campaign


def test_a_comment_or_another_order_of_fields_changes_no_digest() -> None:
    text = (EXAMPLES / "campaign-spring-festival-vip.yaml").read_text(encoding="utf-8")
    (first,) = read_campaigns(text, "a.yaml")
    (second,) = read_campaigns("priority: 15\n" + text.replace("priority: 15\n", "# by hand\n"), "b.yaml")
    assert digest_of(first.campaign) == digest_of(second.campaign)
    (third,) = read_campaigns(text.replace("priority: 15", "priority: 16"), "c.yaml")
    assert digest_of(first.campaign) != digest_of(third.campaign)
