<?php
printf("%.17f\n%.15f\n%.10f\n%.6f\n", 0.1 + 0.2, sqrt(2), M_PI, 1 / 3);
