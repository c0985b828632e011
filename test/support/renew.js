// For the jest project that takes the pictures in docs/images.
process.env.SCREENSHOTS = 'write';
