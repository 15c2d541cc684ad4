/** Something written like a file of a repository, perhaps with a position behind it. */
const FILE =
  /(?<![\w/@.:-])(?:[\w@.+-]{1,80}\/){0,12}[\w@+-][\w@.+-]{0,80}\.(?:[cm]?[jt]sx?|json5?|ya?ml|toml|lock|py|rb|go|rs|java|kts?|scala|cs|csproj|sln|fs|vb|php|swift|mm?|c|cc|cpp|cxx|h|hh|hpp|sh|ps1|bat|sql|xml|gradle|properties|cfg|ini|conf|env|tf|tfvars|dart|ex|exs|erl|lua|pl|r|vue|svelte|css|scss|html?|proto|graphql|md|txt|bazel|cmake|mk)(?![\w/-])(?:[:(]\d{1,6}(?:[:,]\s?\d{1,6})?\)?)?/gi;
const POSITION = /[:(]\d{1,6}(?:[:,]\s?\d{1,6})?\)?$/;

/** A statement about the failure: a file that nothing shows is not named in it, nor a line that nothing shows. */
export function claimOf(text: string, shown: readonly string[]): string {
  return text.replace(FILE, (named) => {
    if (isShown(named, shown)) return named;
    const file = named.replace(POSITION, '');
    return isShown(file, shown) ? file : '(a file that the evidence does not name)';
  });
}

/** A proposal: it may name a file that is still to be made, and says so. */
export function proposalOf(text: string, shown: readonly string[]): string {
  return text.replace(FILE, (named) => {
    if (isShown(named, shown)) return named;
    const file = named.replace(POSITION, '');
    return isShown(file, shown) ? file : `${file} (not named in the evidence)`;
  });
}

/** Whether every file in the text is one that was shown. */
export function namesOnlyShownFiles(text: string, shown: readonly string[]): boolean {
  return (text.match(FILE) ?? []).every((named) => isShown(named.replace(POSITION, ''), shown));
}

function isShown(named: string, shown: readonly string[]): boolean {
  const wanted = named.toLowerCase();
  return shown.some((text) => text.includes(wanted));
}
