/// What has to be written so that the database knows what a contact table knows of one user.
struct LocationChange: Sendable, Equatable {
    let table: LocationTable
    /// The user, or `user@domain`.
    var key: [UInt8]
    /// Bindings that are new or have changed.
    var changed: [Binding]
    /// URIs of bindings that have gone.
    var removed: [[UInt8]]
    /// So much has been taken away that all rows of the user are replaced.
    var replacesAll: Bool
    /// When all this is durable, so is everything of this user up to here.
    var stamp: UInt64

    static func == (left: LocationChange, right: LocationChange) -> Bool {
        left.table === right.table && left.key == right.key && left.stamp == right.stamp
    }
}
