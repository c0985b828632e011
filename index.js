// n8n reads the paths in package.json ("n8n"); this file lets other code require the package by name.
module.exports = {
	...require('./dist/credentials/DibbyApi.credentials.js'),
	...require('./dist/nodes/Dibby/Dibby.node.js'),
};
