import process from "node:process";
process.stdout.write("x\n");
