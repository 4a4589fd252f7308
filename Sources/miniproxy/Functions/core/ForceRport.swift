extension FunctionBodies {
    /// `force_rport()`: answers go to the source port, and the forwarded Via says so, whether the sender asked or not.
    static let forceRport = Body { _, context in
        context.forcesRport = true
        return .yes
    }
}
