/**
 * Says what is wrong with a release, before it is published.
 *
 * @param tag the tag's name, e.g. `v0.1.0`
 * @param version the version in package.json
 * @param changelog the text of CHANGELOG.md
 * @returns a sentence, or undefined when the three belong together
 */
export function releaseProblem(
	tag: string,
	version: string,
	changelog: string,
): string | undefined {
	if (tag !== `v${version}`) {
		return `The tag is ${tag}, and the version in package.json is ${version}: the tag must be v${version}.`;
	}
	const sections = changelog.split(/^## /m).slice(1);
	const section = sections.find((text) => text.startsWith(`[${version}]`));
	if (section === undefined)
		return `CHANGELOG.md has no section "## [${version}] - year-month-day".`;
	const [heading = '', ...lines] = section.split('\n');
	if (!/\] - \d{4}-\d{2}-\d{2}\s*$/.test(heading)) {
		return `The section of CHANGELOG.md for ${version} has no date: "## ${heading}".`;
	}
	if (!lines.some((line) => line.startsWith('- '))) {
		return `The section of CHANGELOG.md for ${version} says nothing.`;
	}
	return undefined;
}
