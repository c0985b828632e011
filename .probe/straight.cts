export async function straightWorkflow({ client, credential }: any, name: string, sketches: any[], settings: object = {}) {
	const nodes = sketches.map((sketch, index) => ({ id: String(index), typeVersion: 1, position: [index * 220, 0], parameters: {}, ...sketch,
		...(sketch.type.startsWith('n8n-nodes-dibby.') ? { credentials: { dibbyApi: { id: credential.id, name: credential.name } } } : {}) }));
	const connections = Object.fromEntries(nodes.slice(0, -1).map((node: any, index: number) => [node.name, { main: [[{ node: nodes[index + 1]?.name ?? '', type: 'main', index: 0 }]] }]));
	return await client.createWorkflow({ name, nodes, connections, settings });
}
