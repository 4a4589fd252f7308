import SIPKit

extension FunctionBodies {
    /// `setbflag(6)`, `setbflag(6, 1)`: a flag of one branch; 0 is the Request-URI's, the others those that were added.
    static let setBranchFlag = Body { arguments, context in
        context.changeBranchFlags(arguments.integer(1)) { $0 | 1 << UInt32(arguments.integer(0)) }
    }
    static let resetBranchFlag = Body { arguments, context in
        context.changeBranchFlags(arguments.integer(1)) { $0 & ~(1 << UInt32(arguments.integer(0))) }
    }
    static let isBranchFlagSet = Body { arguments, context in
        guard let flags = context.branchFlags(arguments.integer(1)) else { return .no }
        return flags & (1 << UInt32(arguments.integer(0))) != 0 ? .yes : .no
    }

    /// `remove_branch(0)`: takes back one of the added branches.
    static let removeBranch = Body { arguments, context in
        context.appended.remove(arguments.integer(0)) ? .yes : .no
    }
}

extension RouteContext {
    fileprivate func branchFlags(_ branch: Int) -> UInt32? {
        if branch == 0 { return self.ownBranchFlags }
        return branch <= self.appended.count ? self.appended[branch - 1].flags : nil
    }

    fileprivate mutating func changeBranchFlags(_ branch: Int, _ change: (UInt32) -> UInt32) -> FunctionResult {
        guard let flags = self.branchFlags(branch) else { return .no }
        if branch == 0 {
            self.ownBranchFlags = change(flags)
        } else {
            self.appended.setFlags(change(flags), of: branch - 1)
        }
        return .yes
    }
}
