"""Reasons for which h11 has another outcome, for cases of more than one kind."""

BIG = "h11 waits for a body of any length; the service has a limit"
CODINGS = "h11 says 501; the service says 400, since 5xx is an alarm for its operators"
EMPTY_LINES = "the service skips empty lines before a request (RFC 9112, section 2.2); h11 does not"
GARBAGE = "h11 looks at a request line when it is complete, the service at each byte"
LINE_FEEDS = "h11 ends lines at LF alone; the service refuses it, since proxies differ in this"
SIZES = "h11 limits only what is incomplete; the service each header, extension and trailer"
TARGETS = (
    "h11 leaves targets to the application; the service refuses others (RFC 9112, section 3.2)"
)
VERSIONS = "h11 accepts each version; the service only 1.x (RFC 9110, section 2.5)"
