/// What a run may ask, without the databases behind it: the host of the fuzz target asks nothing.
struct TableQuery: Sendable, Equatable {}
struct TableChange: Sendable, Equatable {}
struct SQLStep: Sendable, Equatable {}
struct LocationChange: Sendable, Equatable {}
