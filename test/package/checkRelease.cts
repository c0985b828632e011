import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT_FOLDER } from '../../sandbox/editor/paths.cts';
import { releaseProblem } from './release.cts';
import type { Manifest } from './release.cts';

/** `npm run release:check -- v0.1.0`: whether tag, package.json and changelog belong together. */
const [tag = ''] = process.argv.slice(2);
const read = (file: string) => readFileSync(path.join(PROJECT_FOLDER, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const problem = releaseProblem(tag, manifest, read('CHANGELOG.md'), read('README.md'));
console.log(problem ?? `${tag} can be published.`);
if (problem !== undefined) process.exitCode = 1;
