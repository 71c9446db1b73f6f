"""`/calendar/<token>.ics`: the bank's calendar for other calendars to subscribe to, read only."""

from __future__ import annotations

from flask import Blueprint, Response, request

from wenhou.services.calendar_feed import find_feed
from wenhou.services.context import Context


def make_calendar(context: Context) -> Blueprint:
    """The blueprint of the feed. A token that is not ours is answered like a page that does not exist."""
    blueprint = Blueprint("calendar_feed", __name__)

    def feed(token: str) -> Response:
        found = find_feed(context, token)
        if found is None:
            return Response("not found", status=404, content_type="text/plain; charset=utf-8")
        response = Response(found.text, content_type="text/calendar; charset=utf-8")
        response.set_etag(found.etag)
        response.last_modified = found.modified_at
        response.headers["Cache-Control"] = "private, max-age=3600"
        response.headers["Content-Disposition"] = 'inline; filename="wenhou.ics"'
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.make_conditional(request)
        return response

    blueprint.add_url_rule("/calendar/<token>.ics", "feed", feed, methods=["GET"])
    return blueprint
