export declare function diagnose(pid: number): string;
export declare function diagnoseGroup(pgid: number): string;
