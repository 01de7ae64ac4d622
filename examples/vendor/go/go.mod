module example/vectors

go 1.18
