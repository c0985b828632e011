// The browser tests write the pictures of the documentation: `--selectProjects screenshots`.
process.env.SCREENSHOTS = 'write';
