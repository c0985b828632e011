// For the jest projects that write what they find into the documentation, rather than only look at it.
process.env.SCREENSHOTS = 'write';
process.env.FAULT_TABLE = 'write';
