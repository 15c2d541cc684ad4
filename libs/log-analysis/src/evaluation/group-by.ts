/** The members of each key, keys in order of appearance; members whose key is null are left out. */
export function groupBy<T, K>(members: readonly T[], keyOf: (member: T) => K | null): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const member of members) {
    const key = keyOf(member);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return groups;
}
