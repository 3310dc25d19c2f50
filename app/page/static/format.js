// Text for numbers and decisions.

/** Format a share in 0..1 as per cent; rounding never gives 0 % or 100 %. */
export function percent(share) {
  if (share > 0.9999) return "> 99.99\u00a0%";
  if (share < 0.0001) return "< 0.01\u00a0%";
  return `${(share * 100).toFixed(2)}\u00a0%`;
}

/** Return the digit of an answer for people to read; a blank picture has none. */
export function digit(answer) {
  return isBlank(answer) ? "\u2013" : String(answer.digit);
}

/** Return the confidence of an answer as text; a blank picture has none. */
export function confidence(answer) {
  return isBlank(answer) ? "" : percent(answer.confidence);
}

/** Return whether an answer says that the picture is empty; its probabilities mean nothing. */
export function isBlank({ reason }) {
  return reason === "blank";
}

/** Return the reason for a decision as a sentence. */
export function reason({ decision, reason, probabilities }) {
  const [first, second] = likeliest(probabilities);
  const all = range(Object.keys(probabilities));
  if (decision === "accept") return `Read as a ${first}, of the digits ${all}.`;
  return {
    blank: "There is nothing to read: the picture is empty.",
    several_digits: "There is more than one digit: this service reads one a picture.",
    not_a_digit: `This does not look like a digit from ${all}.`,
    ambiguous: `It could be a ${first}, but also a ${second}.`,
  }[reason] ?? `The model abstains: ${reason}.`;
}

/** Format labels as "0 to 4", or as a list if they are not consecutive. */
export function range(labels) {
  const [first, last] = [labels[0], labels[labels.length - 1]];
  return last - first === labels.length - 1 ? `${first} to ${last}` : labels.join(", ");
}

function likeliest(probabilities) {
  return Object.keys(probabilities).sort((a, b) => probabilities[b] - probabilities[a]);
}
