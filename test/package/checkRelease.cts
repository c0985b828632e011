import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT_FOLDER } from '../../sandbox/editor/paths.cts';
import { releaseProblem } from './release.cts';
import type { Manifest } from './release.cts';

/** The files that lead a user to the documentation. */
const CODE = ['credentials/DibbyApi.credentials.ts', 'nodes/Dibby/Dibby.node.json'];

/** `npm run release:check -- v0.1.0`: whether tag, package.json, changelog and code belong together. */
const [tag = ''] = process.argv.slice(2);
const read = (file: string) => readFileSync(path.join(PROJECT_FOLDER, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const code = CODE.map(read).join('\n');
const problem = releaseProblem(tag, manifest, read('CHANGELOG.md'), code);
console.log(problem ?? `${tag} can be published.`);
if (problem !== undefined) process.exitCode = 1;
