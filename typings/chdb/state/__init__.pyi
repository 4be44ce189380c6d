from chdb.state.sqlitelike import Connection as Connection
from chdb.state.sqlitelike import connect as connect
