// Runs the script given as its argument.
eval(process.argv[2]);
