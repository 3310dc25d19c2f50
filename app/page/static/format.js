// Numbers and decisions in plain words.

/** Return a share in 0..1 as per cent; what is rounded never looks like certainty. */
export function percent(share) {
  if (share > 0.9999) return "> 99.99\u00a0%";
  if (share < 0.0001) return "< 0.01\u00a0%";
  return `${(share * 100).toFixed(2)}\u00a0%`;
}

/** Return why a decision is what it is. */
export function reason({ decision, reason, probabilities }) {
  const [first, second] = likeliest(probabilities);
  const all = range(Object.keys(probabilities));
  if (decision === "accept") return `Read as a ${first}, of the digits ${all}.`;
  return {
    blank: "There is nothing to read: the picture is empty.",
    not_a_digit: `This does not look like a digit from ${all}.`,
    ambiguous: `It could be a ${first}, but also a ${second}.`,
  }[reason] ?? `The model abstains: ${reason}.`;
}

/** Return digits as "0 to 4", or one by one if some are missing in between. */
export function range(labels) {
  const [first, last] = [labels[0], labels[labels.length - 1]];
  return last - first === labels.length - 1 ? `${first} to ${last}` : labels.join(", ");
}

function likeliest(probabilities) {
  return Object.keys(probabilities).sort((a, b) => probabilities[b] - probabilities[a]);
}
