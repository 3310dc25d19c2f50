// Verdicts of the visitor on a picture or a box: its final digit, its status, and why an answer is missing.

export const NONE = "none"; // verdict: there is no digit

/** Return the final digit: the visitor's, else the accepted one, else "". */
export function finalDigit({ answer, verdict }) {
  if (verdict != null) return verdict === NONE ? "" : verdict;
  return answer?.decision === "accept" ? answer.digit : "";
}

/** Return the status: accepted, confirmed, corrected or open. */
export function status({ answer, verdict }) {
  if (verdict != null) return answer && verdict === readAs(answer) ? "confirmed" : "corrected";
  return answer && (answer.decision === "accept" || answer.reason === "blank") ? "accepted" : "open";
}

export function isOpen(item) {
  return status(item) === "open";
}

/** Return whether the service does not have a verdict as it is: it is new, changed, or taken back after it was sent. */
export function isPending({ answer, verdict, sent }) {
  if (verdict == null) return Boolean(sent);
  return Boolean(answer) && sent?.verdict !== verdict;
}

/** Return whether the service has a verdict as it is. */
export function isSent({ verdict, sent }) {
  return verdict != null && sent?.verdict === verdict;
}

/** Return the verdict that confirms an answer: its digit, or none if there is no digit. */
export function readAs({ digit, reason }) {
  return reason === "blank" || reason === "not_a_digit" ? NONE : digit;
}

/** Return the digit to show: the final one, else the likeliest one with a question mark. */
export function shownDigit(item) {
  const { answer, verdict } = item;
  if (verdict != null || !isOpen(item) || !answer) return String(finalDigit(item));
  return readAs(answer) === NONE ? "?" : `${answer.digit}?`;
}

/** Return why an answer is missing, in a few words; "" for an accepted digit. */
export function why({ decision, reason, probabilities }) {
  if (decision === "accept") return "";
  const [first, second] = Object.keys(probabilities).sort((a, b) => probabilities[b] - probabilities[a]);
  return {
    blank: "empty",
    several_digits: "two digits",
    not_a_digit: "not a digit",
    ambiguous: `could be ${first} or ${second}`,
  }[reason] ?? "not sure";
}
