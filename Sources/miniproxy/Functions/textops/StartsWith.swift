extension FunctionBodies {
    /// `starts_with("$rU", "00")`: whether a text begins with another.
    static let startsWith = Body { arguments, _ in arguments.text(0).starts(with: arguments.text(1)) ? .yes : .no }
}
