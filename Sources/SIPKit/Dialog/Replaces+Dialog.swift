extension Replaces {
    /// The dialog it names; `nil` without both tags.
    public var dialog: DialogID? {
        guard let toTag, let fromTag else { return nil }
        return DialogID(callID: self.callID, tags: (toTag, fromTag))
    }
}
